"""What kind of change a site is: features measured, likelihood ratios added up, each a reason."""
