"""The pages a leader looks at: ten questions, comparisons."""
