"""What the workflow and its scripts need, and no mathematics: files, config, arguments."""
