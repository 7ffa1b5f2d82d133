using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>When a question that nobody has answered is asked again: after 4, 8, 16, 32 and then 64 seconds, each a second more or less by
/// chance, so that clients that began together part (RFC 2131, 4.1).</summary>
internal sealed class Backoff(Random random)
{
    private const int First = 4_000, Doublings = 4, Jitter = 1_000;

    /// <summary>How often it was asked since it was new.</summary>
    public int Times { get; private set; }

    public Instant Next { get; private set; }

    /// <summary>The next question is a new one.</summary>
    public void Restart() => (Times, Next) = (0, default);

    /// <summary>It is asked now.</summary>
    public void Ask(Instant now)
    {
        Next = now + TimeSpan.FromMilliseconds((First << int.Min(Times, Doublings)) + random.Next(-Jitter, Jitter + 1));
        Times++;
    }
}
