"""The alarms on what is live, whose messages reach people through the project's topic."""
