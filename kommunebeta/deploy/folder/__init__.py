"""A folder of this machine or of a network disk."""
