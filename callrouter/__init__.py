"""Where a call goes next: destinations, rules, hours, departments and their agents."""
