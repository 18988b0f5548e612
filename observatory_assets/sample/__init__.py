"""The bundled publisher: synthetic releases in the publishers' wire formats, for an offline first run and for tests."""
