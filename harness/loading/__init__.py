"""From files to checked suites and the trials they ask for."""
