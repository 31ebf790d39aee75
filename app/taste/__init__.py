"""What a run learns from likes and tags, as pure functions over arrays. No I/O; `app/jobs` reads and writes."""
