using SoftSwitch.Forwarding.Nat;

namespace SoftSwitch.Tests.Nat;

/// <summary>Makes a NAT for networks that are there from the beginning, numbered in their order.</summary>
internal static class Translator
{
    public static Napt Of(NaptOptions options, params ReadOnlySpan<NaptPolicy> policies)
    {
        var napt = new Napt(options);
        for (var number = 0; number < policies.Length; number++)
            napt.SetPolicy(number, policies[number], now: default);
        return napt;
    }
}
