"""How an answer is made: facts of one reader, scored by the arrays of one run. Pure; no database, no clock."""
