"""How good the served ranking is: data sets, protocols, baselines, metrics."""
