"""Product feeds as shops have them: what a file is, is seen by what it holds; each becomes rows of ``ProductRow``."""
