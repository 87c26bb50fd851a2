"""Debate Analyzer's cloud resources: settings, pure functions and one component per idea."""
