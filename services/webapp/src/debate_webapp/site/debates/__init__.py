"""The list of debates and the page of one."""
