"""What the guide says, sentence by sentence, and what attackers, clocks and faults may not do."""
