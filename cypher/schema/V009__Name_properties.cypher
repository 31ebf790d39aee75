// What saved queries ask for before anything has it: Browser would warn of a property that it never saw.
CALL db.createProperty('valid_until');
CALL db.createProperty('until');
