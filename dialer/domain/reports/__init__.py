"""What reports say: definitions as data, figures made of counts, and what may be shown to whom. Pure."""
