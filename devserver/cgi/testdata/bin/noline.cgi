print "no first line"
