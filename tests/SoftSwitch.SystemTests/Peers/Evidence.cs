using System.Collections.Concurrent;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>
/// What is there to look at when a test has failed: of each switch that it started the log, and what the API said last, which are attached
/// to the test and stand in its output. With SOFTSWITCH_KEEP=1 the rest stays as well: namespaces, what runs in them, and a capture of all
/// that passed in each; the output says how to enter them. They are removed by the next run of the tests.
/// </summary>
/// <remarks>
/// Whether a test has failed is known only when its method has returned, and by then it has disposed of what it made. So a switch gives its
/// testimony before it is killed; and with SOFTSWITCH_KEEP what is disposed of is put off until the verdict. To keep is for one test at a
/// time: one that disposes of something in its midst, and looks what comes of it, sees nothing.
/// </remarks>
internal sealed class Evidence
{
    private static readonly ConcurrentDictionary<string, Evidence> s_tests = [];
    private readonly Lock _gate = new();
    private readonly List<SoftSwitchProcess> _switches = [];
    private readonly List<(string HowToEnter, Action Dispose)> _putOff = [];

    /// <summary>What a failed test made is to stay.</summary>
    public static bool IsKept { get; } = Environment.GetEnvironmentVariable("SOFTSWITCH_KEEP") is "1";

    /// <summary>A test has started a switch.</summary>
    public static void Add(SoftSwitchProcess started)
    {
        if (OfCurrentTest() is not { } evidence) return;
        lock (evidence._gate) evidence._switches.Add(started);
    }

    /// <summary>Disposes of something now, or when it is known that the test has passed.</summary>
    /// <param name="howToEnter">What to type to look at it, should it be kept.</param>
    public static void Dispose(string howToEnter, Action dispose)
    {
        if (!IsKept)
        {
            dispose();
        }
        else if (TestContext.Current.TestState is { } state)
        {
            // The class disposes of what all its tests used.
            if (state.Result == TestResult.Failed) Say(howToEnter);
            else dispose();
        }
        else if (OfCurrentTest() is { } evidence)
        {
            lock (evidence._gate) evidence._putOff.Add((howToEnter, dispose));
        }
        else
        {
            dispose();
        }
    }

    /// <summary>The verdict has come.</summary>
    public static void End(string test, bool hasFailed)
    {
        if (!s_tests.TryRemove(test, out var evidence)) return;
        if (hasFailed)
        {
            for (var i = 0; i < evidence._switches.Count; i++)
            {
                var testimony = evidence._switches[i].Testify();
                TestContext.Current.AddAttachment($"softswitch-{i + 1}.txt", testimony);
                Say($"switch {i + 1}, also attached as softswitch-{i + 1}.txt:\n{testimony}");
            }
        }
        foreach (var (howToEnter, dispose) in evidence._putOff)
        {
            if (hasFailed) Say(howToEnter);
            else dispose();
        }
    }

    private static Evidence? OfCurrentTest() =>
        TestContext.Current is { Test: { } test, TestState: null } ? s_tests.GetOrAdd(test.UniqueID, _ => new()) : null;

    private static void Say(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
