#!/usr/bin/perl
# Answers each line of its input when it comes.
$| = 1;
print "Content-Type: text/plain\n\n";
while (<STDIN>) { print "got $_" }
