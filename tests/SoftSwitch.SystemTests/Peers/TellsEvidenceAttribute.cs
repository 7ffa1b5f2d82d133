using System.Reflection;
using Xunit.v3;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>Of the whole assembly: each test that fails tells its <see cref="Evidence"/>.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class TellsEvidenceAttribute : BeforeAfterTestAttribute
{
    public override void After(MethodInfo methodUnderTest, IXunitTest test) =>
        Evidence.End(test.UniqueID, TestContext.Current.TestState?.Result == TestResult.Failed);
}
