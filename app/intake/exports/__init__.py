"""What other recommenders export, as rows of our own shape: gorse, Recombee, Amazon Personalize."""
