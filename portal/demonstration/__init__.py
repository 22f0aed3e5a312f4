"""The demonstration registry: made-up facilities in the real proportions, scored and swept by the real rules.

The one place that writes regulated rows in bulk and not through the actions, because two years of thousands of them
would take hours. What follows from rules (scores, bands, due days, findings, standings, flags) the rules compute.
"""
