"""The benchmark behind `make bench`: the refresh against one plain script that builds the same marts. Measurements only; no test asserts a time."""
