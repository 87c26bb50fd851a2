"""The site itself: pages, API, accounts, and what holds for every answer."""
