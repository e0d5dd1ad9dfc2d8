"""Adapter to Asterisk over AMI."""
