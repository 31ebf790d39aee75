"""One page about a tenant's communities, for people who look rather than ask: figures in, HTML and SVG out. No I/O."""
