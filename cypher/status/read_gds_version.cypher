// Version of the Graph Data Science library; holds no tenant's data.
// params:  none
// returns: version STRING, e.g. 2.26.0; one row
// needs:   the library, see status/find_gds
RETURN gds.version() AS version
