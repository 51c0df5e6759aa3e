-- What each corpus asks for
SELECT corpus AS Corpus, count(*) AS Videos, count_if(reason = '') AS `Give clips`,
  count_if(reason != '') AS `Give none`, sum(seconds) / 3600 AS Hours,
  sum(frames) AS Frames, sum(bytes) / 1e9 AS GB
FROM corpus GROUP BY corpus ORDER BY corpus

-- Videos that give clips
SELECT name AS Of, min(value) AS Least, percentile(value, 0.5) AS Median,
  avg(value) AS Mean, max(value) AS Most
FROM (
  SELECT stack(4, 1, 'Seconds', seconds, 2, 'Frames', double(frames),
    3, 'Frames per second', frames_per_second,
    4, 'Short side', double(least(width, height))) AS (place, name, value)
  FROM corpus WHERE reason = '')
GROUP BY place, name ORDER BY place

-- Codecs and sizes
SELECT if(reason = '', concat(codec, ', ', width, ' × ', height), 'none') AS Kind,
  count(*) AS Videos
FROM corpus GROUP BY Kind ORDER BY Videos DESC, Kind

-- Why files give no clip
SELECT reason AS Kind, count(*) AS Videos
FROM corpus WHERE reason != '' GROUP BY Kind ORDER BY Videos DESC, Kind

-- Files that give no clip
SELECT id AS Video, corpus AS Corpus, reason AS Reason, detail AS Detail
FROM corpus WHERE reason != ''

-- Files with the bytes of another
SELECT id AS Video, corpus AS Corpus, same_as AS `The same as`
FROM corpus WHERE same_as != ''

-- Files with flaws: packets that do not decode, damaged frames
SELECT id AS Video, corpus AS Corpus, warnings AS Flaws, frames AS Frames
FROM corpus WHERE warnings > 0
