"""Where rows go: a stream, or a folder of parts that survives a kill."""
