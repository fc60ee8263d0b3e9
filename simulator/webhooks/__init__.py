"""Requests to a customer's server: signed, timed, repeated, in order."""
