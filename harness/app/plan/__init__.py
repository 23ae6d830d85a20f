"""From paths and options to a plan: suites without mistakes and what is selected of them."""
