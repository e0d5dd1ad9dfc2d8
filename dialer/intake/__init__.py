"""Lists in and results out as files: readers in a child process, writers, column mapping, the template."""
