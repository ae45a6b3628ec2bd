"""Turbidity of rivers and the area of lakes: values per scene, with what brought them about."""
