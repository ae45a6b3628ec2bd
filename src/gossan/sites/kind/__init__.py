"""What kind of change a site is: traits measured, weighed and added up, each with its reason."""
