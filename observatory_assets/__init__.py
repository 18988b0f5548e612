"""The observatory's software-defined assets and the domain code beneath them."""
