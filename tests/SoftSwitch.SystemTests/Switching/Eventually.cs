using System.Runtime.CompilerServices;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>Waits for what another process is about to do.</summary>
internal static class Eventually
{
    /// <summary>Fails when the condition doesn't hold within the time.</summary>
    public static void Holds(Func<bool> condition, int seconds = 10, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        for (var until = DateTime.UtcNow.AddSeconds(seconds); !condition(); Thread.Sleep(50))
        {
            if (DateTime.UtcNow > until)
                Assert.Fail($"not within {seconds} seconds: {text}");
        }
    }

    /// <summary>Fails when it isn't equal within the time, and shows both.</summary>
    public static void Equal(string expected, Func<string> actual, int seconds = 10)
    {
        var until = DateTime.UtcNow.AddSeconds(seconds);
        while (actual() != expected && DateTime.UtcNow < until)
            Thread.Sleep(50);
        Assert.Equal(expected, actual());
    }
}
