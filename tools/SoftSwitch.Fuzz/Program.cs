using System.Globalization;
using SoftSwitch.Tests.Forwarding.Fuzzing;
using SoftSwitch.Tests.Nat.Fuzzing;
using SoftSwitch.Tests.Services.Dhcp;
using SoftSwitch.Tests.Services.Dns;

// The fuzzes of the tests in their long form: frames by the million, one seed after the other, until the count is reached or something
// breaks.
const long framesPerSeed = 1_000_000;
var seed = Environment.TickCount;
Func<long, string> run = args switch
{
    ["nat", ..] => Translate,
    ["dhcp", ..] => Ask,
    ["dns", ..] => Name,
    ["arp", ..] => Find,
    _ => Forward,
};
var numbers = args is ["nat" or "dhcp" or "dns" or "arp", ..] ? args[1..] : args;
if (numbers.Length is 0 or > 2 || !long.TryParse(numbers[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var frames)
    || frames < 1)
{
    Console.Error.WriteLine("usage: SoftSwitch.Fuzz [nat|dhcp|dns|arp] FRAMES [SEED]");
    return 2;
}
if (numbers.Length == 2 && !int.TryParse(numbers[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out seed))
{
    Console.Error.WriteLine($"the seed is a whole number, not '{numbers[1]}'");
    return 2;
}

for (; frames > 0; frames -= framesPerSeed, seed = unchecked(seed + 1))
{
    try
    {
        var count = long.Min(frames, framesPerSeed);
        Console.WriteLine($"seed {seed}: {run(count)}, nothing broke");
    }
    catch (Exception e)
    {
        Console.Error.WriteLine($"seed {seed}: {e}");
        return 1;
    }
}
return 0;

string Forward(long count)
{
    using var run = new FuzzRun(seed);
    run.Run(count);
    return $"{run.Delivered} frames came out, {run.Cut} super-frames were cut";
}

string Ask(long count)
{
    using var run = new DhcpFuzzRun(seed);
    run.Run(count);
    return $"{run.Answers} answers of a server of DHCP, {run.Overloaded} of them with options in the names' fields";
}

string Name(long count)
{
    var run = new DnsFuzzRun(seed);
    run.Run(count);
    return $"{run.Questions} questions and {run.Answers} answers of DNS were read, {run.Cut} answers were cut short";
}

string Find(long count)
{
    using var run = new ArpFuzzRun(seed);
    run.Run(count);
    return $"{run.Alone} questions in ARP were heard by one alone, {run.ForAll} frames by all";
}

string Translate(long count)
{
    using var run = new NatFuzzRun(seed);
    run.Run(count);
    return $"{run.Translated} frames were translated, {run.Errors} of them ICMP errors, {run.Released} fragments released";
}
