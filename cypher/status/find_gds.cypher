// Whether the server has the Graph Data Science library; holds no tenant's data.
// params:  none
// returns: name STRING; one row, none without the library
// needs:   nothing
SHOW FUNCTIONS YIELD name
WHERE name = 'gds.version'
RETURN name
