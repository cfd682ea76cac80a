using Poolhouse.Core;
using Poolhouse.Server.Cognito;
using Poolhouse.Server.Login;
using Poolhouse.Server.OAuth;
using Xunit;

namespace Poolhouse.Server.Tests.Login;

public class RefusalTests
{
    public static TheoryData<Refusal> EveryReason => [.. Enum.GetValues<Refusal>()];

    [Theory, MemberData(nameof(EveryReason))]
    public void A_reason_has_words_at_each_surface(Refusal reason)
    {
        Assert.NotEmpty(CognitoErrors.Of(reason, null).Type);
        Assert.NotEmpty(OAuthErrors.Of(reason).Error);
        var fault = LoginErrors.Of(reason, null);
        Assert.InRange(fault.Status, 400, 503);
        Assert.EndsWith(".", fault.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reason_that_nobody_knows_is_a_fault_of_ours()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => LoginErrors.Of((Refusal)9999, null));
        Assert.Throws<ArgumentOutOfRangeException>(() => OAuthErrors.Of((Refusal)9999));
        Assert.Throws<ArgumentOutOfRangeException>(() => CognitoErrors.Of((Refusal)9999, null));
    }
}
