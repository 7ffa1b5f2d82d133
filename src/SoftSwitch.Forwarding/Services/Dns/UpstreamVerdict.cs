namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>What a message is that came for a question.</summary>
public enum UpstreamVerdict
{
    /// <summary>Something else, or by somebody else: the answer may still come.</summary>
    IsNotIt,

    /// <summary>The answer, cut short: all of it is to be had by TCP.</summary>
    IsCut,

    /// <summary>The server can't or won't answer: another is asked.</summary>
    IsRefusal,

    /// <summary>The answer.</summary>
    IsAnswer,
}
