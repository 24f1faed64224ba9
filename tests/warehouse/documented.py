"""The identity examples that Segment, Mixpanel and RudderStack document, as stories.

What the vendor makes of each, what this warehouse makes of it and why stands in
`docs/identity.md`, with the address of the vendor's page. `max_links` is 5 here, which is Segment's
default limit for every identifier but user_id.
"""

from __future__ import annotations

from tests.warehouse.stories import Story

MAX_LINKS = 5

SEGMENT = [
    Story(
        "Segment: an anonymous visitor signs up",
        """
        1 page  a=anon_123           -> user_id:use_123
        2 track a=anon_123           -> user_id:use_123
        3 track a=anon_123 u=use_123 -> user_id:use_123
        """,
    ),
    Story(
        "Segment: scenario 2, two devices and one login",
        """
        1 page     a=web      -> user_id:u1
        2 screen   a=app      -> anonymous_id:app
        3 identify a=web u=u1 -> user_id:u1
        4 screen   a=app      -> anonymous_id:app
        """,
    ),
    Story(
        "Segment: scenario 3, two devices and two logins",
        """
        1 page     a=web      -> user_id:u1
        2 screen   a=app      -> user_id:u1
        3 identify a=web u=u1 -> user_id:u1
        4 identify a=app u=u1 -> user_id:u1
        5 screen   a=app      -> user_id:u1
        """,
    ),
    Story(
        "Segment: merge protection",
        """
        1 page     a=a1      -> user_id:u1
        2 identify a=a1 u=u1 -> user_id:u1
        3 page     a=a1      -> user_id:u2
        4 identify a=a1 u=u2 -> user_id:u2
        5 page     a=a1      -> user_id:u2
        """,
        owners="a=a1 ..2 user_id:u1, a=a1 2.. user_id:u2",
        findings=frozenset({"shared_device anonymous_id:a1"}),
    ),
    Story(
        "Segment: merge protection, received in reverse",
        """
        1 page     a=a1      r=15 -> user_id:u1
        2 identify a=a1 u=u1 r=14 -> user_id:u1
        3 page     a=a1      r=13 -> user_id:u2
        4 identify a=a1 u=u2 r=12 -> user_id:u2
        5 page     a=a1      r=11 -> user_id:u2
        """,
        owners="a=a1 ..2 user_id:u1, a=a1 2.. user_id:u2",
        findings=frozenset({"shared_device anonymous_id:a1"}),
    ),
    Story(
        "Segment: two users, one email",
        """
        1 identify u=abc123 e=jane@example1.com -> user_id:abc123
        2 identify u=abc456 e=jane@example1.com -> user_id:abc456
        """,
    ),
    Story(
        "Segment: two users, one email (merge_on_email)",
        """
        1 identify u=abc123 e=jane@example1.com -> user_id:abc123
        2 identify u=abc456 e=jane@example1.com -> user_id:abc123
        """,
        merge_on_email=True,
    ),
    Story(
        "Segment: more devices than the limit",
        """
        1 identify a=a1 u=u1 -> user_id:u1
        2 identify a=a2 u=u1 -> user_id:u1
        3 identify a=a3 u=u1 -> user_id:u1
        4 identify a=a4 u=u1 -> user_id:u1
        5 identify a=a5 u=u1 -> user_id:u1
        6 page     a=a6      -> user_id:u1
        7 identify a=a6 u=u1 -> user_id:u1
        """,
        findings=frozenset({"many_devices user_id:u1"}),
    ),
    Story(
        "Segment: an iPad in a shop",
        """
        1 identify a=ipad u=u1 -> user_id:u1
        2 identify a=ipad u=u2 -> user_id:u2
        3 identify a=ipad u=u3 -> user_id:u3
        4 identify a=ipad u=u4 -> user_id:u4
        5 identify a=ipad u=u5 -> user_id:u5
        6 page     a=ipad      -> nobody
        7 identify a=ipad u=u6 -> user_id:u6
        """,
        owners="a=ipad hub",
        findings=frozenset({"hub_identifier anonymous_id:ipad"}),
    ),
    Story(
        "Segment: blocked values",
        """
        1 page  a=!00000000-0000-0000-0000-000000000000      -> nobody
        2 track a=!00000000-0000-0000-0000-000000000000 u=u1 -> user_id:u1
        3 track a=!00000000-0000-0000-0000-000000000000 u=u2 -> user_id:u2
        4 track a=a1 u=!null                                 -> anonymous_id:a1
        5 track a=a2 u=!anonymous                            -> anonymous_id:a2
        6 track a=a3 u=!-1                                   -> anonymous_id:a3
        """,
    ),
    Story(
        "Segment: a hard-coded user_id",
        """
        1 track    a=a1 u=void -> user_id:void
        2 identify a=a1 u=u1   -> user_id:u1
        3 track    a=a2 u=void -> user_id:void
        4 identify a=a2 u=u2   -> user_id:u2
        5 page     a=a2        -> user_id:u2
        """,
        owners="""
        a=a1 ..1 user_id:void, a=a1 1.. user_id:u1,
        a=a2 ..3 user_id:void, a=a2 3.. user_id:u2
        """,
        findings=frozenset({"shared_device anonymous_id:a1", "shared_device anonymous_id:a2"}),
    ),
    Story(
        "Segment: a cookie that survives reset()",
        """
        1 page     a=a1          -> user_id:u1
        2 identify a=a1 u=u1 m=v -> user_id:u1
        3 page     a=a2          -> user_id:u2
        4 identify a=a2 u=u2 m=v -> user_id:u2
        5 page     a=a2          -> user_id:u2
        """,
        owners="""
        a=a1 ..2 user_id:u1, a=a1 2.. user_id:u2,
        a=a2 ..2 user_id:u1, a=a2 2.. user_id:u2,
        m=v ..2 user_id:u1, m=v 2.. user_id:u2
        """,
        findings=frozenset({"shared_device anonymous_id:a1", "shared_device anonymous_id:a2"}),
    ),
    Story(
        "Segment: newsletter first, account later",
        """
        1 page     a=bd077b70                           -> user_id:123abc
        2 identify a=bd077b70 e=jvisitor@thissite.com   -> user_id:123abc
        3 identify a=bd077b70 u=123abc                  -> user_id:123abc
        """,
    ),
    Story(
        "Segment: newsletter first, account later (merge_on_email)",
        """
        1 page     a=bd077b70                           -> email:jvisitor@thissite.com
        2 identify a=bd077b70 e=jvisitor@thissite.com   -> email:jvisitor@thissite.com
        3 identify a=bd077b70 u=123abc                  -> user_id:123abc
        4 page     a=bd077b70                           -> user_id:123abc
        """,
        owners="a=bd077b70 ..2 email:jvisitor@thissite.com, a=bd077b70 2.. user_id:123abc",
        findings=frozenset({"shared_device anonymous_id:bd077b70"}),
        merge_on_email=True,
    ),
    Story(
        "Segment: Profiles Sync case study",
        """
        1 page     a=5285bc35                        -> anonymous_id:5285bc35
        2 identify a=5285bc35 e=jane.kim@segment.com -> anonymous_id:5285bc35
        3 page     a=b50e18a5                        -> anonymous_id:b50e18a5
        4 identify a=b50e18a5 e=jane.kim@segment.com -> anonymous_id:b50e18a5
        """,
    ),
    Story(
        "Segment: Profiles Sync case study (merge_on_email)",
        """
        1 page     a=5285bc35                        -> email:jane.kim@segment.com
        2 identify a=5285bc35 e=jane.kim@segment.com -> email:jane.kim@segment.com
        3 page     a=b50e18a5                        -> email:jane.kim@segment.com
        4 identify a=b50e18a5 e=jane.kim@segment.com -> email:jane.kim@segment.com
        """,
        merge_on_email=True,
    ),
    Story(
        "Segment: alias of a user",
        """
        1 identify u=jen@email.com              -> user_id:jen@email.com
        2 alias    u=507f191e81 p=jen@email.com -> user_id:jen@email.com
        3 track    u=507f191e81                 -> user_id:jen@email.com
        """,
    ),
    Story(
        "Segment: alias of an anonymousId",
        """
        1 page  a=a1              -> user_id:507f191e81
        2 alias u=507f191e81 p=a1 -> user_id:507f191e81
        3 page  a=a1              -> user_id:507f191e81
        """,
    ),
]

MIXPANEL = [
    Story(
        "Mixpanel Simplified: new and returning user",
        """
        1 page     a=D1      -> user_id:U1
        2 page     a=D1      -> user_id:U1
        3 identify a=D1 u=U1 -> user_id:U1
        4 page     a=D2      -> user_id:U1
        5 page     a=D2      -> user_id:U1
        6 identify a=D2 u=U1 -> user_id:U1
        """,
    ),
    Story(
        "Mixpanel Simplified: multiple users, one device",
        """
        1 page     a=D1      -> user_id:U1
        2 identify a=D1 u=U1 -> user_id:U1
        3 page     a=D2      -> user_id:U2
        4 page     a=D2      -> user_id:U2
        5 identify a=D2 u=U2 -> user_id:U2
        """,
    ),
    Story(
        "Mixpanel Simplified: multiple users, one device, no reset()",
        """
        1 page     a=D1      -> user_id:U1
        2 identify a=D1 u=U1 -> user_id:U1
        3 page     a=D1      -> user_id:U2
        4 page     a=D1      -> user_id:U2
        5 identify a=D1 u=U2 -> user_id:U2
        6 track    a=D1 u=U1 -> user_id:U1
        7 page     a=D1      -> user_id:U1
        """,
        owners="a=D1 ..2 user_id:U1, a=D1 2..5 user_id:U2, a=D1 5.. user_id:U1",
        findings=frozenset({"shared_device anonymous_id:D1"}),
    ),
    Story(
        "Mixpanel Original: $merge of user ids",
        """
        1 identify u=C     -> user_id:C
        2 alias    u=C p=B -> user_id:C
        3 alias    u=D p=A -> user_id:C
        4 alias    u=D p=B -> user_id:C
        5 track    u=A     -> user_id:C
        """,
        owners="u=B .. user_id:C",
    ),
    Story(
        "Mixpanel Original: more than 500 ids",
        "\n".join(f"{hour} identify a=D{hour} u=U1 -> user_id:U1" for hour in range(1, 502)),
        findings=frozenset({"many_devices user_id:U1"}),
    ),
]

RUDDERSTACK = [
    Story(
        "RudderStack: phone and email at one checkout",
        """
        1 page     a=A-Web            -> user_id:U-Email
        2 identify a=A-Mob  u=U-Phone -> user_id:U-Phone
        3 identify a=A-Web  u=U-Email -> user_id:U-Email
        4 identify a=A-Web  u=U-Phone -> user_id:U-Phone
        5 page     a=A-Web2           -> user_id:U-Email
        6 identify a=A-Web2 u=U-Email -> user_id:U-Email
        """,
        owners="a=A-Web ..3 user_id:U-Email, a=A-Web 3.. user_id:U-Phone",
        findings=frozenset({"shared_device anonymous_id:A-Web"}),
    ),
    Story(
        "RudderStack: phone and email at one checkout, with an alias",
        """
        1 page     a=A-Web             -> user_id:U-Phone
        2 identify a=A-Mob  u=U-Phone  -> user_id:U-Phone
        3 identify a=A-Web  u=U-Email  -> user_id:U-Phone
        4 alias    u=U-Email p=U-Phone -> user_id:U-Phone
        5 page     a=A-Web2            -> user_id:U-Phone
        6 identify a=A-Web2 u=U-Email  -> user_id:U-Phone
        """,
    ),
    Story(
        "RudderStack: Amy's pages before her signup",
        """
        1 page     a=162e704a                -> user_id:203984629341
        2 page     a=162e704a                -> user_id:203984629341
        3 page     a=162e704a u=203984629341 -> user_id:203984629341
        4 page     a=162e704a u=203984629341 -> user_id:203984629341
        5 identify a=5c9b4cb0 u=203984629341 e=amy@gmail.com -> user_id:203984629341
        """,
    ),
]

STORIES = [*SEGMENT, *MIXPANEL, *RUDDERSTACK]
