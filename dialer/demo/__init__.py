"""One command that brings a whole town up: database, Asterisk, residents, robots."""
