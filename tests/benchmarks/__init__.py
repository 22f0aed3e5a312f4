"""`make bench`: ratios against limits measured in the same run. Figures drift with the machine, ratios much less."""
