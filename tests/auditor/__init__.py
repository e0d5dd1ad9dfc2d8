"""The auditor: proves from evidence alone what the service did, and shares no code with it.

Evidence: the call event logs (CEL) of the service's Asterisk and of the carrier's side, the database by plain SQL, the
list as it was delivered, the export as the client gets it, and what agents were told had been saved.
"""
