-- Everybody with requests or logins, one row a person, by the rule of `raytrail people`.
create macro people() as table
from people
