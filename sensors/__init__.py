"""Sensors: what makes runs happen. Each ends in a tick that can be read in the Dagster UI."""
