"""A branch of a git repository, as GitHub, GitLab and Codeberg show it."""
