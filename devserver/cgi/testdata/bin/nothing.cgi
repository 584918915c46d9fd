#!/usr/bin/perl
use strict;
die "Can't locate the database\n";
