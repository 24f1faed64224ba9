-- PPND7 of Wichura 1988 (Applied Statistics 37, AS 241).
create or replace macro normal_quantile(p) as (
    with arguments as (
        select p - 0.5 as q, sqrt(-ln(least(p, 1 - p))) as r
    )
    select case
        when not (p > 0 and p < 1) then null
        when abs(q) <= 0.425 then q * (
            ((59.10937472 * s + 159.29113202) * s + 50.434271938) * s + 3.3871327179
        ) / (((67.1875636 * s + 78.757757664) * s + 17.895169469) * s + 1)
        when r <= 5 then sign(q) * (
            ((0.17023821103 * (r - 1.6) + 1.3067284816) * (r - 1.6) + 2.75681539) * (r - 1.6)
            + 1.4234372777
        ) / ((0.12021132975 * (r - 1.6) + 0.7370016425) * (r - 1.6) + 1)
        else sign(q) * (
            ((0.017337203997 * (r - 5) + 0.42868294337) * (r - 5) + 3.081226386) * (r - 5)
            + 6.657905115
        ) / ((0.012258202635 * (r - 5) + 0.24197894225) * (r - 5) + 1)
    end
    from (select *, 0.180625 - q * q as s from arguments)
);

comment on macro normal_quantile is
'One number: the quantile of the standard normal distribution, to seven digits. Null unless 0 < p < 1.';
