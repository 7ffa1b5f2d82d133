using System.Globalization;
using SoftSwitch.Tests.Forwarding.Fuzzing;

// The fuzz of the tests in its long form: frames by the million, one seed after the other, until the count is reached or something breaks.
const long framesPerSeed = 1_000_000;
if (args.Length is 0 or > 2 || !long.TryParse(args[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var frames) || frames < 1)
{
    Console.Error.WriteLine("usage: SoftSwitch.Fuzz FRAMES [SEED]");
    return 2;
}
var seed = Environment.TickCount;
if (args.Length == 2 && !int.TryParse(args[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out seed))
{
    Console.Error.WriteLine($"the seed is a whole number, not '{args[1]}'");
    return 2;
}

for (; frames > 0; frames -= framesPerSeed, seed = unchecked(seed + 1))
{
    using var run = new FuzzRun(seed);
    try
    {
        run.Run(long.Min(frames, framesPerSeed));
    }
    catch (Exception e)
    {
        Console.Error.WriteLine($"seed {seed}: {e}");
        return 1;
    }
    Console.WriteLine($"seed {seed}: {run.Delivered} frames came out, {run.Cut} super-frames were cut, nothing broke");
}
return 0;
