"""One module a paper: runs its experiment, and tells its figures as `studies.replications.form` has it."""
