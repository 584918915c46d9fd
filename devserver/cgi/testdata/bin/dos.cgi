#!/bin/sh
printf x
